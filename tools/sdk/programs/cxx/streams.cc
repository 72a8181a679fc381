// SPDX-License-Identifier: Apache-2.0
// Streams, formatting, regular expressions, the file system library.
#include "sections.h"

#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <regex>
#include <sstream>
#include <streambuf>
#include <vector>

namespace {

void formatting() {
    std::cout << std::hex << std::showbase << 255 << ' ' << std::oct << 8 << std::dec << ' ' << std::setw(8)
              << std::setfill('*') << 42 << ' ' << std::left << std::setw(6) << -7 << std::right << std::internal
              << std::setw(6) << -7 << '\n';
    std::cout << std::fixed << std::setprecision(3) << 3.14159 << ' ' << std::scientific << 12345.678 << ' '
              << std::defaultfloat << 1e100 << ' ' << std::hexfloat << 0.5 << std::defaultfloat << ' ' << 2.0L / 3
              << '\n';
    std::cout << std::boolalpha << true << ' ' << std::showpos << 5 << std::noshowpos << ' ' << std::quoted("a \"b\"")
              << '\n';
    std::cout << 9223372036854775807LL << ' ' << static_cast<long>(-1) << ' ' << 1.0 / 0.0 << ' ' << -1.0 / 0.0 << '\n';
    std::cout << std::put_time(
                     [] {
                         static std::tm time{};
                         time.tm_year = 99, time.tm_mon = 11, time.tm_mday = 31, time.tm_wday = 5;
                         return &time;
                     }(),
                     "%Y-%m-%d %H:%M:%S %a %b")
              << '\n';
}

void parsing() {
    std::istringstream in("12 0x1f 3.5e2 word \"two words\" 7x 99999999999");
    int decimal = 0, hexadecimal = 0, seven = 0, large = 0;
    double real = 0;
    std::string word, quoted;
    in >> decimal >> std::hex >> hexadecimal >> std::dec >> real >> word >> std::quoted(quoted) >> seven;
    std::cout << decimal << ' ' << hexadecimal << ' ' << real << ' ' << word << ' ' << quoted << ' ' << seven
              << in.good() << '\n';
    in.ignore() >> large;
    std::cout << in.fail() << ' ' << large << '\n';
    in.clear();
    std::string line;
    std::getline(in, line);
    std::cout << in.eof() << '[' << line << "]\n";
    for (int sum = 0; std::cin >> decimal;) std::cout << (sum += decimal) << ' ';
    std::cout << std::cin.eof() << '\n';
}

void files() {
    const std::string name = "streams.txt";
    {
        std::ofstream out(name, std::ios::binary);
        for (int i = 0; i < 10000; ++i) out << i << '\n';
        std::cout << out.tellp() << '\n';
    }
    std::fstream both(name, std::ios::in | std::ios::out);
    both.seekp(10) << "XYZ";
    both.seekg(-6, std::ios::end);
    std::string last;
    std::cout << (both >> last ? last : "none") << '\n';
    both.clear();
    both.seekg(0);
    std::string text(std::istreambuf_iterator<char>(both), {});
    std::cout << text.size() << ' ' << text.substr(8, 8) << '\n';
    std::ifstream none("missing");
    std::cout << none.is_open() << ' ' << !none << '\n';
    none.exceptions(std::ios::goodbit);
}

void directories() {
    namespace fs = std::filesystem;
    fs::create_directories("a/b/c");
    std::ofstream("a/one") << "1";
    std::ofstream("a/b/two") << "22";
    fs::create_symlink("one", "a/link");
    fs::copy("a/b", "a/copy", fs::copy_options::recursive);
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator("a"))
        found.push_back(entry.path().string() + (entry.is_directory() ? "/" : entry.is_symlink() ? "@" : ""));
    std::sort(found.begin(), found.end());
    for (const auto& path : found) std::cout << path << ' ';
    std::error_code error;
    fs::remove("a", error);
    std::cout << '\n' << (error == std::errc::directory_not_empty) << ' ' << fs::file_size("a/b/two") << '\n';
    fs::permissions("a/one", fs::perms::owner_read);
    std::cout << static_cast<int>(fs::status("a/one").permissions()) << ' ' << fs::read_symlink("a/link").string()
              << ' ' << fs::path("/x/y/../z.tar.gz").lexically_normal().string() << ' '
              << fs::path("z.tar.gz").stem().string() << ' ' << fs::remove_all("a") << ' ' << fs::exists("a") << '\n';
}

void expressions() {
    const std::regex date(R"((\d{4})-(\d\d)-(\d\d))");
    const std::string text = "from 2024-02-29 to 2025-12-31; not 99-1-1";
    for (std::sregex_iterator at(text.begin(), text.end(), date), end; at != end; ++at)
        std::cout << (*at)[1] << '/' << (*at)[3] << " at " << at->position() << '\n';
    std::cout << std::regex_replace(text, date, "$3.$2.$1") << '\n';
    std::cout << std::regex_match("AbC", std::regex("[a-c]+", std::regex::icase))
              << std::regex_search("xyz", std::regex("^y")) << '\n';
}

// Upper case for everything that is written through it.
class Upper : public std::streambuf {
  public:
    explicit Upper(std::streambuf* to) : to_(to) {}

  protected:
    int overflow(int c) override { return c == EOF ? 0 : to_->sputc(static_cast<char>(std::toupper(c))); }

  private:
    std::streambuf* to_;
};

struct Point {
    int x, y;
    friend std::ostream& operator<<(std::ostream& out, const Point& p) {
        return out << '(' << p.x << ", " << p.y << ')';
    }
};

void own_streams() {
    Upper upper(std::cout.rdbuf());
    std::ostream out(&upper);
    out << "shouting " << Point{3, -4} << std::endl;
    std::wostringstream wide;
    wide << L"wide " << 17 << L' ' << true;
    std::cout << wide.str().size() << '\n';
    std::clog << "to standard error\n";
    std::cerr << Point{0, 0} << '\n';
    std::cout << "no newline at the end, flushed by exit";
}

}  // namespace

int main(int argc, char** argv) {
    return run_section({{"formatting", formatting},
                        {"parsing", parsing},
                        {"files", files},
                        {"directories", directories},
                        {"expressions", expressions},
                        {"own_streams", own_streams}},
                       argc, argv);
}
